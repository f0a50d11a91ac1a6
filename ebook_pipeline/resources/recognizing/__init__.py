"""Engines that read scanned pages (OCR), both behind `books.converting.recognizing.recognizer`."""
