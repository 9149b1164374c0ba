"""Runs on many hosts: a task on a broker says that a run of some framework waits; a Celery worker has a process carry one out.

The store says what there is to do and who does it; a task only wakes somebody. So one that is lost is published anew, and one that
comes twice finds nothing to do.
"""
