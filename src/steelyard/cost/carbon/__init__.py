"""Energy and carbon of machines, estimated or metered; an unknown factor is never zero."""
