"""From measurements to monthly bills: machines, replicas, assumed figures, what making each configuration took."""
