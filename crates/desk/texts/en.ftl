desk-nav = Work list
