"""One file a schema version. What has been released is never edited."""
