package dev.raftkv.rest.backup;

import dev.raftkv.json.Json;
import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.model.Prefix;

/**
 * The first line of a backup.
 *
 * @param revision that of the store when the backup was made, &ge; 0
 * @param keys how many lines of keys follow
 * @param time the cluster time in milliseconds from which times to live are reckoned, 0 if there was none
 * @param cluster the name of the cluster, as in the ids of events
 * @param prefix what all keys of the backup start with
 */
record BackupHeader(long revision, long keys, long time, String cluster, Prefix prefix) {
    private static final String FAMILY = "raftkv-backup/";
    private static final String FORMAT = FAMILY + "1";

    /** Larger ones have no place in the store's counters together with more that is to come. */
    static final long MAX_REVISION = Long.MAX_VALUE / 4;

    /** The line, with its end. */
    byte[] line() {
        return Json.line(json -> {
            json.writeStringField("format", FORMAT);
            json.writeNumberField("revision", revision);
            json.writeNumberField("keys", keys);
            json.writeNumberField("time", time);
            json.writeStringField("cluster", cluster);
            if (!prefix.equals(Prefix.ALL)) {
                json.writeStringField("prefix", prefix.text());
            }
        });
    }

    /**
     * @param line without its end
     * @throws KvException if it is no such line, or one of a newer format
     */
    static BackupHeader read(byte[] line) {
        String format = "";
        long revision = -1;
        long keys = -1;
        long time = -1;
        String cluster = "";
        Prefix prefix = Prefix.ALL;
        try (JsonObject object = JsonObject.read(line, "format", "revision", "keys", "time", "cluster", "prefix")) {
            while (object.next()) {
                switch (object.name()) {
                    case "format" -> format = checked(object.string());
                    case "revision" -> revision = object.number(0, MAX_REVISION);
                    case "keys" -> keys = object.number(0, Long.MAX_VALUE);
                    case "time" -> time = object.number(0, MAX_REVISION);
                    case "cluster" -> cluster = object.string();
                    default -> prefix = Prefix.of(object.string());
                }
            }
        }
        if (format.isEmpty() || revision < 0 || keys < 0 || time < 0) {
            throw noBackup();
        }
        return new BackupHeader(revision, keys, time, cluster, prefix);
    }

    /** Found before anything else of a newer format can be. */
    private static String checked(String format) {
        if (format == null || !format.startsWith(FAMILY)) {
            throw noBackup();
        }
        if (!format.equals(FORMAT)) {
            throw new KvException(
                    Code.INVALID,
                    "its format is " + format + ", and this version of raftkv reads " + FORMAT
                            + ": restore it with a version that knows it");
        }
        return format;
    }

    private static KvException noBackup() {
        return new KvException(
                Code.INVALID, "this is not the beginning of a raftkv backup: send what GET /backup has answered");
    }
}
