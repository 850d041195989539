"""Regular expressions over a genome: variants counted, and letters replaced by alternatives."""
import re
from _data import genome, times

dna = genome(times(400_000))
for variant in ["agggtaaa|tttaccct", "[cgt]gggtaaa|tttaccc[acg]", "a[act]ggtaaa|tttacc[agt]t", "ag[act]gtaaa|tttac[agt]ct",
                "agg[act]taaa|ttta[agt]cct", "aggg[acg]aaa|ttt[cgt]ccct", "agggt[cgt]aa|tt[acg]accct", "agggta[cgt]a|t[acg]taccct"]:
    print(variant, len(re.findall(variant.upper(), dna)))
for pattern, new in {"tHa[Nt]": "<4>", "aND|caN|Ha[DS]|WaS": "<3>", "a[NSt]|BY": "<2>", "GATTACA": "|", "A{4,}": "a"}.items():
    dna = re.sub(pattern, new, dna)
print(len(dna), len(re.findall(r"(?:CG){2,}", dna)), len(re.findall(r"ATG(?:...){2,30}?(?:TAA|TAG|TGA)", dna)))
