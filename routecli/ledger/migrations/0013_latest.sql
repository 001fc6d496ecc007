-- What each route asks of a model's last calls, found without reading all of them.
CREATE INDEX attempts_sure ON attempts (model, judged_at) WHERE confidence IS NOT NULL AND purpose = '';
CREATE INDEX requests_quick ON requests (model, asked_at) WHERE state = 'settled' AND stop = 'end' AND latency_s > 0;
