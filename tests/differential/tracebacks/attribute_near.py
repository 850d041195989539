class A:
    def __init__(self):
        self.blech = 3

A().bluch
