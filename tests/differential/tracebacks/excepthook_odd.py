import sys
sys.excepthook(ValueError, 3, None)
print(file=sys.stderr)
sys.excepthook(ValueError, ValueError(3), 3)
