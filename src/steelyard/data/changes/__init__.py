"""Changes of the catalogue that come by themselves: read by the rules of a load, and taken over by the next one."""
