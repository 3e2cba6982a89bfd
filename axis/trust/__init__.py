"""Who signed, may they speak for that unit, and how the axis proves later what it did."""
