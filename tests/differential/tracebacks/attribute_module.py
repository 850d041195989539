import sys
sys.getrecursionlimits()
