"""The conversation: something said in, an answer out, without any transport."""
