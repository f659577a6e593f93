"""Learned sparse search: weights and expansions of words, looked up while a shopper waits."""
