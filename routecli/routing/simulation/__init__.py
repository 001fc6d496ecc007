"""What routing would have cost: published mixes, recorded outcomes, one's own history. Nobody is called."""
