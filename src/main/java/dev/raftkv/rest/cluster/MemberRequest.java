package dev.raftkv.rest.cluster;

import dev.raftkv.json.JsonObject;
import dev.raftkv.model.Address;
import dev.raftkv.model.Code;
import dev.raftkv.model.KvException;
import dev.raftkv.raft.members.Membership.Asked;
import java.util.Optional;

/** The bodies of the requests that change who is a member, who leads, and where a member answers. */
final class MemberRequest {
    private static final String VOTER = "voter";
    private static final String LEARNER = "learner";

    private MemberRequest() {}

    /** @param addressText the address as the request wrote it, which the answer repeats */
    record Join(String addressText, Asked asked) {
        /** @throws KvException if a member is missing, unknown or of the wrong kind */
        static Join parse(byte[] body) {
            String nodeId = null;
            String address = null;
            String suffrage = VOTER;
            boolean discardData = false;
            boolean force = false;
            try (JsonObject object =
                    JsonObject.read(body, "node_id", "raft_address", "suffrage", "discard_data", "force")) {
                while (object.next()) {
                    switch (object.name()) {
                        case "node_id" -> nodeId = object.string();
                        case "raft_address" -> address = object.string();
                        case "suffrage" -> suffrage = object.string();
                        case "discard_data" -> discardData = object.flag();
                        default -> force = object.flag();
                    }
                }
            }
            requireNodeId(nodeId);
            Address raftAddress = raftAddress(address, "the node that is to join");
            return new Join(address, new Asked(nodeId, raftAddress, isLearner(suffrage), discardData, force));
        }

        private static boolean isLearner(String suffrage) {
            if (suffrage == null || !suffrage.equals(VOTER) && !suffrage.equals(LEARNER)) {
                throw new KvException(Code.INVALID, "suffrage is " + suffrage + ": give \"voter\" or \"learner\"");
            }
            return suffrage.equals(LEARNER);
        }
    }

    /** What a member says of itself. */
    record Announce(String nodeId, Address address, String httpAddress) {
        private static final int MAX_LENGTH = 2048;

        /** @throws KvException if a member is missing, unknown or of the wrong kind */
        static Announce parse(byte[] body) {
            String nodeId = null;
            String address = null;
            String httpAddress = null;
            try (JsonObject object = JsonObject.read(body, "node_id", "raft_address", "http_address")) {
                while (object.next()) {
                    switch (object.name()) {
                        case "node_id" -> nodeId = object.string();
                        case "raft_address" -> address = object.string();
                        default -> httpAddress = object.string();
                    }
                }
            }
            requireNodeId(nodeId);
            Address raftAddress = raftAddress(address, "the node");
            if (httpAddress == null
                    || httpAddress.length() > MAX_LENGTH
                    || !httpAddress.matches("https?://[^\\s\"<>\\\\]+")) {
                throw new KvException(
                        Code.INVALID, "http_address is no http or https URL: give it as in RAFT_HTTP_ADDRESS");
            }
            return new Announce(nodeId, raftAddress, httpAddress);
        }
    }

    private static Address raftAddress(String text, String whose) {
        if (text == null || text.isBlank()) {
            throw new KvException(Code.INVALID, "raft_address is empty: give the host and Raft port of " + whose);
        }
        return Address.parse(text)
                .orElseThrow(() -> new KvException(
                        Code.INVALID,
                        "raft_address is not of the form host:port: " + text
                                + "; give it like 127.0.0.1:1112 or [::1]:1112"));
    }

    record Remove(String nodeId) {
        /** @throws KvException if the member is missing, or there are others */
        static Remove parse(byte[] body) {
            String nodeId = null;
            try (JsonObject object = JsonObject.read(body, "node_id")) {
                while (object.next()) {
                    nodeId = object.string();
                }
            }
            requireNodeId(nodeId);
            return new Remove(nodeId);
        }
    }

    /** @param nodeId who is to lead; empty for the most advanced */
    record Transfer(Optional<String> nodeId) {
        /** @throws KvException if the member is of the wrong kind, or there are others */
        static Transfer parse(byte[] body) {
            String nodeId = null;
            try (JsonObject object = JsonObject.read(body, "node_id")) {
                while (object.next()) {
                    nodeId = object.string();
                    requireNodeId(nodeId);
                }
            }
            return new Transfer(Optional.ofNullable(nodeId));
        }
    }

    private static void requireNodeId(String nodeId) {
        if (nodeId == null || nodeId.isBlank()) {
            throw new KvException(Code.INVALID, "node_id is empty: give the id of the node");
        }
    }
}
