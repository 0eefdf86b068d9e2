"""The accounting identities (勾稽关系) as asset checks, and the promises that block publication."""
