"""What is run together, and when: jobs, the schedule, sensors."""
