"""An invented supply chain on the survey's own rates, for showing the product; marked as demo everywhere."""
