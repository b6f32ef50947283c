"""What goes wrong around the portal, made to go wrong: `make faults`. Not part of the suite."""
