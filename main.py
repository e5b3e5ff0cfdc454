"""Open CNNviz from a checkout: `python main.py [FILE]`."""

if __name__ == "__main__":
    import sys

    from ui.app import main

    sys.exit(main())
