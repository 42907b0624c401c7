"""What requests and answers look like: validated here, and described from here in the OpenAPI document."""
