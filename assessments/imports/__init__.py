"""Lists of suppliers on their way into the register: read, judged row by row, confirmed, written."""
