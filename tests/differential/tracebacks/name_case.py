Value = 1
value
