"""The outer ring: web application, queue and command line. Records and rules live in assessments."""
