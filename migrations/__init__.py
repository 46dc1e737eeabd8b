"""Steps of the database schema, one purpose each, run by alembic. Models live in assessments."""
