(3).abcdefgh
