"""Crews: several processes, of one host or many, that train one run after the other as one.

The first is an ordinary worker: it claims runs, holds their leases, tells what happens and writes files. The others do the same work on
their own devices and tell nobody. A crew that loses a process ends as a whole; each process is started again by whoever looks after it
(`trellis crew`), and the run goes on from its last checkpoint when it is resumed.
"""
