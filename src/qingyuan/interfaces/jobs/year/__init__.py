"""The demo's year 模拟: a history told by stories, each acting through the same doors people and machines use.

A story is a generator: it yields the moment it wants to go on at, and acts when it is woken. `running` wakes all
stories in the order of their moments until now; what is not done by then is what is open today.
"""
