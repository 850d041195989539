"""Lists of a million ints made and read in C."""
from _extension import load, times

ext = load()
for _ in range(times(25)):
    made = ext.make_list(1_000_000)
    appended = ext.append_list(1_000_000)
    total = ext.sum_list(made) + ext.sum_list(appended)
print(len(made), made[-1], appended[12345], total)
