"""Decimal numbers: interest, divisions, roots, rounding, text."""
from decimal import Decimal, getcontext, ROUND_HALF_UP
from _data import times

getcontext().prec = 40
balance, rate = Decimal("1000.00"), Decimal("1.00035")
cent = Decimal("0.01")
length = 0
for i in range(times(120_000)):
    balance = (balance * rate - Decimal(i % 7)).quantize(cent, ROUND_HALF_UP)
    if not 100 < balance < 100_000:
        balance = Decimal(1000) + balance / 50
    length += len(str(balance)) + (balance == balance.to_integral_value())
print(balance, length, Decimal(2).sqrt(), sum(Decimal(1) / Decimal(i) for i in range(1, times(20_000))), Decimal("1.5").exp())
