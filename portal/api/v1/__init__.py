"""Version 1: JSON in our own words. What is understood stays understood; what is added is optional."""
