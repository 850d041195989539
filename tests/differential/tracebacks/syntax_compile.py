compile('\n\n   a + = 3', 'there', 'exec')
