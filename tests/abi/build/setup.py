from setuptools import Extension, setup

setup(name="fast", version="1", cffi_modules=["cffi_build.py:ffi"],
      ext_modules=[Extension("fast", ["fast.c"]), Extension("limited", ["limited.c"], py_limited_api=True)])
