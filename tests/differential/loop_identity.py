"""Loops that hand on what they read: an object stays itself, also when the loop is machine code."""
INF=float('inf'); NAN=float('nan'); BIG=10**18
def f(vals,n):
    hits=0; s=0.0
    for k in range(n):
        for d in vals:
            if d is INF or d is NAN or d is BIG: hits+=1
            else: s+=d
    return hits,s
def g(vals,n):
    out=[]
    for k in range(n):
        for d in vals: out.append(d)
        if k<n-1: out=[]
    return [a is b for a,b in zip(vals,out)]
def h(vals,n):
    for k in range(n):
        for i in range(len(vals)-1):
            vals[i],vals[i+1]=vals[i+1],vals[i]
    return vals
vals=[1.5,INF,NAN,BIG,-0.0,1e300,2,3.25,10**9]
print(f(vals,5000)); print(g(vals,5000))
w=list(vals); h(w,4500); print([any(a is b for b in vals) for a in w], w)
