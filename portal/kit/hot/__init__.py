"""What exists only for speed, and nothing else does. Without it the portal would say the same, later.

`reading`: a read-only statement by the driver, past the session. `bulk`: many rows written at once.
`frame`: a page's frame and repeated pieces, written once for all that says the same; what tells pieces apart is the
very arguments that they are written from, so that nothing old can be shown.
"""
