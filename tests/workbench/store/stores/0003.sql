BEGIN TRANSACTION;
CREATE TABLE entities (
	kind VARCHAR(20) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	record TEXT NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (kind, id)
);
INSERT INTO "entities" VALUES('dataset','tiny','{"id":"tiny","schema_version":3,"name":"Tiny","family":"fake","source":"tiny","params":{},"status":"ready","manifest":{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}},"error":null,"notes":"","uses":[],"created_at":"2026-11-29T10:15:11.230Z","updated_at":"2026-11-29T10:15:11.302Z","deleted_at":null}',2);
INSERT INTO "entities" VALUES('counter','counter_model','{"id":"counter_model","schema_version":1,"value":2}',18);
INSERT INTO "entities" VALUES('model','model_1m8kctc64cabe','{"id":"model_1m8kctc64cabe","schema_version":2,"number":1,"name":"Kept","family":"fake","model_type":"toy","config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"fb1b943abaf60e6b","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{}},"uses":["tiny"],"cloned_from":null,"weights":{"run_id":"run_1m8kctck961vv","path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","fingerprint":"fb1b943abaf60e6b","epoch":2},"tags":[],"note":"","created_at":"2026-11-29T10:15:11.394Z","updated_at":"2026-11-29T10:15:11.913Z","deleted_at":null}',13);
INSERT INTO "entities" VALUES('counter','counter_run','{"id":"counter_run","schema_version":1,"value":2}',14);
INSERT INTO "entities" VALUES('run','run_1m8kctck961vv','{"id":"run_1m8kctck961vv","schema_version":4,"number":1,"subject":{"kind":"model","id":"model_1m8kctc64cabe"},"key":"model_1m8kctc64cabe","family":"fake","model_type":"toy","framework":"jax","state":"completed","reason":"","attempt":1,"lost_starts":0,"config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"fb1b943abaf60e6b","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{},"labels_artefact":"runs/run_1m8kctck961vv/labels.npz","labels":4},"uses":["tiny"],"dataset":{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}},"seed":42,"journal_seq":8,"code_version":"test","reset_optimizer":false,"start_from":null,"stop_requested_at":null,"last_checkpoint":null,"best_checkpoint":{"path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","epoch":2,"attempt":1},"headline":{"loss":0.25},"units":{},"epochs_done":3,"error":null,"trial":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:11.744Z","started_at":"2026-11-29T10:15:11.818Z","ended_at":"2026-11-29T10:15:11.913Z","duration_seconds":1.5,"deleted_at":null}',13);
INSERT INTO "entities" VALUES('run','run_1m8kctctmcqc9','{"id":"run_1m8kctctmcqc9","schema_version":4,"number":2,"subject":{"kind":"model","id":"model_1m8kctc64cabe"},"key":"model_1m8kctc64cabe","family":"fake","model_type":"toy","framework":"jax","state":"interrupted","reason":"The process is gone.","attempt":1,"lost_starts":0,"config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"fb1b943abaf60e6b","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{},"labels_artefact":"runs/run_1m8kctctmcqc9/labels.npz","labels":4},"uses":["tiny"],"dataset":{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}},"seed":42,"journal_seq":13,"code_version":"test","reset_optimizer":false,"start_from":{"run_id":"run_1m8kctck961vv","path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","fingerprint":"fb1b943abaf60e6b","epoch":2},"stop_requested_at":null,"last_checkpoint":null,"best_checkpoint":null,"headline":{},"units":{},"epochs_done":0,"error":null,"trial":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:11.958Z","started_at":"2026-11-29T10:15:12.033Z","ended_at":"2026-11-29T10:15:12.094Z","duration_seconds":null,"deleted_at":null}',17);
INSERT INTO "entities" VALUES('model','model_1m8kctcznv92y','{"id":"model_1m8kctcznv92y","schema_version":2,"number":2,"name":"Toy plain 4","family":"fake","model_type":"toy","config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"plain","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"97e82acc68009e02","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctcznv92y/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{}},"uses":["tiny"],"cloned_from":"model_1m8kctc64cabe","weights":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:12.155Z","updated_at":"2026-11-29T10:15:12.192Z","deleted_at":"2026-11-29T10:15:12.192Z"}',19);
CREATE TABLE idempotency (
	actor VARCHAR(200) NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	request_sha256 VARCHAR(64) NOT NULL, 
	status INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	headers TEXT NOT NULL, 
	at VARCHAR(24) NOT NULL, 
	PRIMARY KEY (actor, "key")
);
CREATE TABLE journal (
	seq BIGINT NOT NULL, 
	at VARCHAR(24) NOT NULL, 
	actor VARCHAR(200) NOT NULL, 
	command VARCHAR(100) NOT NULL, 
	words TEXT NOT NULL, 
	arguments TEXT NOT NULL, 
	changes TEXT NOT NULL, 
	inverse TEXT NOT NULL, 
	undoable BOOLEAN NOT NULL, 
	undoes BIGINT, 
	redoes BIGINT, 
	PRIMARY KEY (seq)
);
INSERT INTO "journal" VALUES(1,'2026-11-29T10:15:11.230Z','trellis','RegisterDatasetCommand','Register the dataset Tiny (preparing)','{"dataset_id":"tiny","name":"Tiny","family":"fake","source":"tiny","status":"preparing","manifest":null,"error":null}','{"schema":4,"items":[{"op":"put","kind":"dataset","id":"tiny","record":{"id":"tiny","schema_version":3,"name":"Tiny","family":"fake","source":"tiny","params":{},"status":"preparing","manifest":null,"error":null,"notes":"","uses":[],"created_at":"2026-11-29T10:15:11.230Z","updated_at":"2026-11-29T10:15:11.230Z","deleted_at":null}}]}','{"schema":4,"items":[{"op":"remove","kind":"dataset","id":"tiny"}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(2,'2026-11-29T10:15:11.302Z','trellis','RegisterDatasetCommand','Register the dataset Tiny (ready)','{"dataset_id":"tiny","name":"Tiny","family":"fake","source":"tiny","status":"ready","manifest":{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}},"error":null}','{"schema":4,"items":[{"op":"set","kind":"dataset","id":"tiny","fields":[[["status"],"ready"],[["manifest"],{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}}],[["updated_at"],"2026-11-29T10:15:11.302Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"dataset","id":"tiny","fields":[[["status"],"preparing"],[["manifest"],null],[["updated_at"],"2026-11-29T10:15:11.230Z"]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(3,'2026-11-29T10:15:11.394Z','ann','CreateModelCommand','Create First','{"model_id":"model_1m8kctc64cabe","name":"First","family":"fake","model_type":"toy","dataset_id":"tiny","config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.1,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":false,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{}},"tags":[],"note":""}','{"schema":4,"items":[{"op":"put","kind":"counter","id":"counter_model","record":{"id":"counter_model","schema_version":1,"value":1}},{"op":"put","kind":"model","id":"model_1m8kctc64cabe","record":{"id":"model_1m8kctc64cabe","schema_version":2,"number":1,"name":"First","family":"fake","model_type":"toy","config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.1,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":false,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"fb1b943abaf60e6b","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{}},"uses":["tiny"],"cloned_from":null,"weights":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:11.394Z","updated_at":"2026-11-29T10:15:11.394Z","deleted_at":null}},{"op":"labels","id":"model_1m8kctc64cabe","labels":{"19":[1,"given"],"22":[1,"given"],"24":[0,"given"]}}]}','{"schema":4,"items":[{"op":"labels","id":"model_1m8kctc64cabe","labels":{"19":null,"22":null,"24":null}},{"op":"remove","kind":"model","id":"model_1m8kctc64cabe"},{"op":"remove","kind":"counter","id":"counter_model"}]}',1,NULL,NULL);
INSERT INTO "journal" VALUES(4,'2026-11-29T10:15:11.461Z','ann','RenameCommand','Rename the model to Kept','{"kind":"model","id":"model_1m8kctc64cabe","name":"Kept"}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["name"],"Kept"],[["updated_at"],"2026-11-29T10:15:11.461Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["name"],"First"],[["updated_at"],"2026-11-29T10:15:11.394Z"]]}]}',1,NULL,NULL);
INSERT INTO "journal" VALUES(5,'2026-11-29T10:15:11.499Z','bob','UpdateConfigCommand','Change Learning rate, Noise','{"model_id":"model_1m8kctc64cabe","values":{"learning_rate":0.5,"use_noise":true}}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["config","training","learning_rate"],0.5],[["config","training","use_noise"],true],[["updated_at"],"2026-11-29T10:15:11.499Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["config","training","learning_rate"],0.1],[["config","training","use_noise"],false],[["updated_at"],"2026-11-29T10:15:11.461Z"]]}]}',1,NULL,NULL);
INSERT INTO "journal" VALUES(6,'2026-11-29T10:15:11.595Z','bob','UndoCommand','Undo: Change Learning rate, Noise','{"among":null}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["config","training","learning_rate"],0.1],[["config","training","use_noise"],false],[["updated_at"],"2026-11-29T10:15:11.595Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["config","training","learning_rate"],0.5],[["config","training","use_noise"],true],[["updated_at"],"2026-11-29T10:15:11.499Z"]]}]}',0,5,NULL);
INSERT INTO "journal" VALUES(7,'2026-11-29T10:15:11.632Z','bob','RedoCommand','Redo: Change Learning rate, Noise','{"among":null}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["config","training","learning_rate"],0.5],[["config","training","use_noise"],true],[["updated_at"],"2026-11-29T10:15:11.632Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["config","training","learning_rate"],0.1],[["config","training","use_noise"],false],[["updated_at"],"2026-11-29T10:15:11.595Z"]]}]}',0,NULL,5);
INSERT INTO "journal" VALUES(8,'2026-11-29T10:15:11.694Z','ann','LabelSamplesCommand','Label sample 37 as cat','{"model_id":"model_1m8kctc64cabe","labels":{"37":2},"proposal":null}','{"schema":4,"items":[{"op":"labels","id":"model_1m8kctc64cabe","labels":{"37":[2,"person"]}}]}','{"schema":4,"items":[{"op":"labels","id":"model_1m8kctc64cabe","labels":{"37":null}}]}',1,NULL,NULL);
INSERT INTO "journal" VALUES(9,'2026-11-29T10:15:11.744Z','me','StartRunCommand','Start a run','{"run_id":"run_1m8kctck961vv","model_id":"model_1m8kctc64cabe","framework":"jax","code_version":"test","reset_optimizer":false,"settings_of":null,"weights_of":null,"seed":null,"confirmed":false}','{"schema":4,"items":[{"op":"put","kind":"counter","id":"counter_run","record":{"id":"counter_run","schema_version":1,"value":1}},{"op":"put","kind":"run","id":"run_1m8kctck961vv","record":{"id":"run_1m8kctck961vv","schema_version":4,"number":1,"subject":{"kind":"model","id":"model_1m8kctc64cabe"},"key":"model_1m8kctc64cabe","family":"fake","model_type":"toy","framework":"jax","state":"queued","reason":"","attempt":1,"lost_starts":0,"config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"fb1b943abaf60e6b","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{},"labels_artefact":"runs/run_1m8kctck961vv/labels.npz","labels":4},"uses":["tiny"],"dataset":{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}},"seed":42,"journal_seq":8,"code_version":"test","reset_optimizer":false,"start_from":null,"stop_requested_at":null,"last_checkpoint":null,"best_checkpoint":null,"headline":{},"units":{},"epochs_done":0,"error":null,"trial":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:11.744Z","started_at":null,"ended_at":null,"duration_seconds":null,"deleted_at":null}}]}','{"schema":4,"items":[{"op":"remove","kind":"run","id":"run_1m8kctck961vv"},{"op":"remove","kind":"counter","id":"counter_run"}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(10,'2026-11-29T10:15:11.818Z','worker','ClaimRunCommand','ClaimRun','{"run_id":"run_1m8kctck961vv","attempt":null}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["state"],"starting"],[["started_at"],"2026-11-29T10:15:11.818Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["state"],"queued"],[["started_at"],null]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(11,'2026-11-29T10:15:11.838Z','worker','MarkRunningCommand','MarkRunning','{"run_id":"run_1m8kctck961vv","attempt":1}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["state"],"running"]]}]}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["state"],"starting"]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(12,'2026-11-29T10:15:11.880Z','worker','RecordCheckpointCommand','Checkpoint (best) at epoch 2','{"run_id":"run_1m8kctck961vv","attempt":1,"kind":"best","checkpoint":{"path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","epoch":2,"attempt":1},"epochs_done":null}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["best_checkpoint"],{"path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","epoch":2,"attempt":1}],[["epochs_done"],2]]}]}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["best_checkpoint"],null],[["epochs_done"],0]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(13,'2026-11-29T10:15:11.913Z','worker','FinishRunCommand','The run ended: completed','{"run_id":"run_1m8kctck961vv","attempt":1,"outcome":"completed","reason":"","error":null,"headline":{"loss":0.25},"units":{},"epochs_done":3,"duration_seconds":1.5,"kept":null}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["state"],"completed"],[["headline","loss"],0.25],[["epochs_done"],3],[["ended_at"],"2026-11-29T10:15:11.913Z"],[["duration_seconds"],1.5]]},{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["weights"],{"run_id":"run_1m8kctck961vv","path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","fingerprint":"fb1b943abaf60e6b","epoch":2}],[["updated_at"],"2026-11-29T10:15:11.913Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctc64cabe","fields":[[["weights"],null],[["updated_at"],"2026-11-29T10:15:11.632Z"]]},{"op":"set","kind":"run","id":"run_1m8kctck961vv","fields":[[["state"],"running"],[["headline","loss"]],[["epochs_done"],2],[["ended_at"],null],[["duration_seconds"],null]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(14,'2026-11-29T10:15:11.958Z','me','StartRunCommand','Start a run','{"run_id":"run_1m8kctctmcqc9","model_id":"model_1m8kctc64cabe","framework":"jax","code_version":"test","reset_optimizer":false,"settings_of":null,"weights_of":null,"seed":null,"confirmed":false}','{"schema":4,"items":[{"op":"set","kind":"counter","id":"counter_run","fields":[[["value"],2]]},{"op":"put","kind":"run","id":"run_1m8kctctmcqc9","record":{"id":"run_1m8kctctmcqc9","schema_version":4,"number":2,"subject":{"kind":"model","id":"model_1m8kctc64cabe"},"key":"model_1m8kctc64cabe","family":"fake","model_type":"toy","framework":"jax","state":"queued","reason":"","attempt":1,"lost_starts":0,"config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"mixed","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"fb1b943abaf60e6b","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctc64cabe/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{},"labels_artefact":"runs/run_1m8kctctmcqc9/labels.npz","labels":4},"uses":["tiny"],"dataset":{"source":"tiny","loader_version":1,"files":[],"content_sha256":"0000000000000000000000000000000000000000000000000000000000000001","about":{"n":60,"shape":[2,2,1],"dtype":"float32","class_names":["ant","bee","cat"]}},"seed":42,"journal_seq":13,"code_version":"test","reset_optimizer":false,"start_from":{"run_id":"run_1m8kctck961vv","path":"runs/run_1m8kctck961vv/attempt-1/checkpoints/best-2.json","sha256":"d74641c2ba050c2517647afac5de7b4ae70da3794c5457444c4bc27e69c7739e","fingerprint":"fb1b943abaf60e6b","epoch":2},"stop_requested_at":null,"last_checkpoint":null,"best_checkpoint":null,"headline":{},"units":{},"epochs_done":0,"error":null,"trial":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:11.958Z","started_at":null,"ended_at":null,"duration_seconds":null,"deleted_at":null}}]}','{"schema":4,"items":[{"op":"remove","kind":"run","id":"run_1m8kctctmcqc9"},{"op":"set","kind":"counter","id":"counter_run","fields":[[["value"],1]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(15,'2026-11-29T10:15:12.033Z','worker','ClaimRunCommand','ClaimRun','{"run_id":"run_1m8kctctmcqc9","attempt":null}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctctmcqc9","fields":[[["state"],"starting"],[["started_at"],"2026-11-29T10:15:12.033Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctctmcqc9","fields":[[["state"],"queued"],[["started_at"],null]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(16,'2026-11-29T10:15:12.052Z','worker','MarkRunningCommand','MarkRunning','{"run_id":"run_1m8kctctmcqc9","attempt":1}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctctmcqc9","fields":[[["state"],"running"]]}]}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctctmcqc9","fields":[[["state"],"starting"]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(17,'2026-11-29T10:15:12.094Z','worker','MarkInterruptedCommand','The run was interrupted','{"run_id":"run_1m8kctctmcqc9","attempt":1,"reason":"The process is gone.","duration_seconds":null}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctctmcqc9","fields":[[["state"],"interrupted"],[["reason"],"The process is gone."],[["ended_at"],"2026-11-29T10:15:12.094Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"run","id":"run_1m8kctctmcqc9","fields":[[["state"],"running"],[["reason"],""],[["ended_at"],null]]}]}',0,NULL,NULL);
INSERT INTO "journal" VALUES(18,'2026-11-29T10:15:12.155Z','ann','CloneModelCommand','Clone a model','{"model_id":"model_1m8kctc64cabe","new_id":"model_1m8kctcznv92y","name":null,"values":{"shape":"plain"},"payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctcznv92y/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{}}}','{"schema":4,"items":[{"op":"set","kind":"counter","id":"counter_model","fields":[[["value"],2]]},{"op":"put","kind":"model","id":"model_1m8kctcznv92y","record":{"id":"model_1m8kctcznv92y","schema_version":2,"number":2,"name":"Toy plain 4","family":"fake","model_type":"toy","config":{"architecture":{"input_shape":[2,2,1],"num_classes":3,"shape":"plain","width":4,"parts":"auto","layers":[4,2],"future":false},"training":{"max_epochs":3,"learning_rate":0.5,"random_seed":42,"clip":5.0,"monitor":"loss","use_noise":true,"noise_scale":1.0,"noise_kind":"white","mixing":0.5,"seconds_per_epoch":0.0,"fail_at_epoch":0,"die_at_epoch":0,"hang_at_epoch":0}},"fingerprint":"97e82acc68009e02","payload":{"sample":{"settings":{"num_samples":12,"num_labeled":3,"sampling_seed":0,"val_split":0.25},"artefact":"models/model_1m8kctcznv92y/sample.npz","sha256":"d688f034266dc8e0a8505603fa201cd6c2309815dd82294ede84f5a45ffb94bc","n_train":9,"n_validation":3,"n_test":12,"n_labelled":3},"class_names":["ant","bee","cat"],"merged":{}},"uses":["tiny"],"cloned_from":"model_1m8kctc64cabe","weights":null,"tags":[],"note":"","created_at":"2026-11-29T10:15:12.155Z","updated_at":"2026-11-29T10:15:12.155Z","deleted_at":null}},{"op":"labels","id":"model_1m8kctcznv92y","labels":{"19":[1,"given"],"22":[1,"given"],"24":[0,"given"],"37":[2,"person"]}}]}','{"schema":4,"items":[{"op":"labels","id":"model_1m8kctcznv92y","labels":{"19":null,"22":null,"24":null,"37":null}},{"op":"remove","kind":"model","id":"model_1m8kctcznv92y"},{"op":"set","kind":"counter","id":"counter_model","fields":[[["value"],1]]}]}',1,NULL,NULL);
INSERT INTO "journal" VALUES(19,'2026-11-29T10:15:12.192Z','ann','DeleteCommand','Delete the model','{"kind":"model","id":"model_1m8kctcznv92y"}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctcznv92y","fields":[[["updated_at"],"2026-11-29T10:15:12.192Z"],[["deleted_at"],"2026-11-29T10:15:12.192Z"]]}]}','{"schema":4,"items":[{"op":"set","kind":"model","id":"model_1m8kctcznv92y","fields":[[["updated_at"],"2026-11-29T10:15:12.155Z"],[["deleted_at"],null]]}]}',1,NULL,NULL);
CREATE TABLE journal_subjects (
	kind VARCHAR(20) NOT NULL, 
	id VARCHAR(64) NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (kind, id, seq)
);
INSERT INTO "journal_subjects" VALUES('dataset','tiny',1);
INSERT INTO "journal_subjects" VALUES('dataset','tiny',2);
INSERT INTO "journal_subjects" VALUES('counter','counter_model',3);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',3);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',4);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',5);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',6);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',7);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',8);
INSERT INTO "journal_subjects" VALUES('counter','counter_run',9);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctck961vv',9);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctck961vv',10);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctck961vv',11);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctck961vv',12);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctck961vv',13);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctc64cabe',13);
INSERT INTO "journal_subjects" VALUES('counter','counter_run',14);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctctmcqc9',14);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctctmcqc9',15);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctctmcqc9',16);
INSERT INTO "journal_subjects" VALUES('run','run_1m8kctctmcqc9',17);
INSERT INTO "journal_subjects" VALUES('counter','counter_model',18);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctcznv92y',18);
INSERT INTO "journal_subjects" VALUES('model','model_1m8kctcznv92y',19);
CREATE TABLE labels (
	model_id VARCHAR(64) NOT NULL, 
	"index" INTEGER NOT NULL, 
	label INTEGER, 
	source VARCHAR(10), 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (model_id, "index")
);
INSERT INTO "labels" VALUES('model_1m8kctc64cabe',19,1,'given',3);
INSERT INTO "labels" VALUES('model_1m8kctc64cabe',22,1,'given',3);
INSERT INTO "labels" VALUES('model_1m8kctc64cabe',24,0,'given',3);
INSERT INTO "labels" VALUES('model_1m8kctc64cabe',37,2,'person',8);
INSERT INTO "labels" VALUES('model_1m8kctcznv92y',19,1,'given',18);
INSERT INTO "labels" VALUES('model_1m8kctcznv92y',22,1,'given',18);
INSERT INTO "labels" VALUES('model_1m8kctcznv92y',24,0,'given',18);
INSERT INTO "labels" VALUES('model_1m8kctcznv92y',37,2,'person',18);
CREATE TABLE login_failures (
	id VARCHAR(64) NOT NULL, 
	about VARCHAR(120) NOT NULL, 
	at VARCHAR(24) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE people (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	display_name VARCHAR(40) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	password_hash VARCHAR(200), 
	created_at VARCHAR(24) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE person_sessions (
	id VARCHAR(64) NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	secret_sha256 VARCHAR(64) NOT NULL, 
	browser VARCHAR(200) NOT NULL, 
	created_at VARCHAR(24) NOT NULL, 
	last_seen_at VARCHAR(24) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE person_tokens (
	id VARCHAR(64) NOT NULL, 
	person_id VARCHAR(64) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	secret_sha256 VARCHAR(64) NOT NULL, 
	created_at VARCHAR(24) NOT NULL, 
	expires_at VARCHAR(24), 
	last_used_at VARCHAR(24), 
	PRIMARY KEY (id)
);
CREATE TABLE run_events (
	run_id VARCHAR(64) NOT NULL, 
	seq BIGINT NOT NULL, 
	attempt INTEGER NOT NULL, 
	at VARCHAR(24) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (run_id, seq)
);
CREATE TABLE schema_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO "schema_version" VALUES('0003');
CREATE TABLE workers (
	id VARCHAR(64) NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	pid INTEGER NOT NULL, 
	process_started FLOAT NOT NULL, 
	framework VARCHAR(20) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	run_id VARCHAR(64), 
	attempt INTEGER, 
	lease_expires_at VARCHAR(24), 
	heartbeat_at VARCHAR(24) NOT NULL, 
	started_at VARCHAR(24) NOT NULL, 
	rate FLOAT, 
	PRIMARY KEY (id)
);
CREATE INDEX journal_walked ON journal (actor, seq, undoable, undoes, redoes) WHERE undoable = 1 OR undoes IS NOT NULL OR redoes IS NOT NULL;
CREATE INDEX journal_actor ON journal (actor, seq);
CREATE INDEX workers_run ON workers (run_id);
CREATE INDEX idempotency_at ON idempotency (at);
CREATE UNIQUE INDEX people_name ON people (name);
CREATE UNIQUE INDEX person_tokens_secret ON person_tokens (secret_sha256);
CREATE INDEX person_tokens_person ON person_tokens (person_id);
CREATE UNIQUE INDEX person_sessions_secret ON person_sessions (secret_sha256);
CREATE INDEX person_sessions_person ON person_sessions (person_id);
CREATE INDEX login_failures_about ON login_failures (about, at);
COMMIT;
