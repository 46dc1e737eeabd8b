"""The whole chain of suppliers as arrays: loaded once, kept while nothing changes, looked at by filter."""
