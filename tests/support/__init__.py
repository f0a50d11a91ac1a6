"""What tests stand on. No test is here.

`homes` and `commands` start the pipeline; `corpus` and `books` are what it is given; `servers` are
what it speaks to, `aws` that half on Amazon; `services` put its database into a state;
`demo_chain` is a chain of stages that are not ours, for tests of the executor.
"""
