"""Regular expressions over English text: words, sentences, alternatives of words, case, captures, substitution."""
import re
from _data import prose, times

text = prose()
for _ in range(times(3)):
    print(len(re.findall(r"\w+", text)), len(re.findall(r"\b[A-Z][a-z]+\b", text)), len(re.findall(r"[^.!?]+[.!?]", text)))
    print(len(re.findall(r"\b(?:if|else|while|for|class|def|import|return)\b", text)), len(re.findall(r"(?i)python", text)))
    print(len(re.sub(r"\s+", " ", text)), len(re.sub(r"(\w+)-(\w+)", r"\2-\1", text)), len(re.findall(r"(\w+) \1\b", text)))
    print(len(re.findall(r'"[^"]*"', text)), len(re.findall(r"^\s+\S", text, re.M)), len(re.split(r"[,;:]\s*", text)))
    print(len(re.findall(r"exception", text)), len(re.findall(r"[aeiou]{3,}", text)), len(re.findall(r"\w+ing\b", text)))
