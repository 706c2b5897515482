package dev.raftkv.rest.look;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.raftkv.model.Member;
import java.io.IOException;
import java.util.List;

/** Members as Raft knows them, which is without where they answer HTTP. */
final class MembersJson {
    private MembersJson() {}

    static void write(JsonGenerator json, String name, List<Member> members) throws IOException {
        json.writeArrayFieldStart(name);
        for (Member member : members) {
            json.writeStartObject();
            json.writeStringField("node_id", member.nodeId());
            json.writeStringField("raft_address", member.raftAddress().toString());
            json.writeStringField("suffrage", member.voter() ? "Voter" : "Learner");
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
