"""The public documentation: guides, a reference made from the OpenAPI document, and a page per error code."""
