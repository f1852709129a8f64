-- What is generated and not stored is read from the document, whatever else is in an index: counting the letters about
-- one occasion among 200 000 takes a fiftieth of the time with an index by occasion.
CREATE INDEX notifications_by_occasion ON notifications (generation, occasion, requested_at, key);
