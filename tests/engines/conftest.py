"""What is no test here."""

collect_ignore = ["crawl.py"]  # a process of its own, which test_scrapy.py starts
