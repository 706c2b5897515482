package dev.raftkv.raft.look;

import dev.raftkv.model.Member;
import dev.raftkv.model.Role;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Something that has happened to this node, as far as Raft is concerned. */
public sealed interface Happening {
    /** Lets the visitor handle this kind of event. */
    <R> R accept(Visitor<R> visitor);

    /** What is done with each kind of event. */
    interface Visitor<R> {
        R role(NewRole role);

        R term(NewTerm term);

        R leader(NewLeader leader);

        R vote(Vote vote);

        R members(NewMembers members);

        R snapshot(NewSnapshot snapshot);

        R commit(Commit commit);
    }

    /** The node has another role. */
    record NewRole(Role role, long term) implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.role(this);
        }
    }

    /** The node has come to another term. */
    record NewTerm(long term) implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.term(this);
        }
    }

    /** The node knows another leader, or none. */
    record NewLeader(Optional<String> nodeId, long term) implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.leader(this);
        }
    }

    /**
     * This node wants a vote, or another one wants this node's.
     *
     * @param candidate who wants it
     * @param voter whose it is
     * @param preVote whether it only asks who would win; it binds nobody
     * @param term of the election; of a pre-vote the term that the candidate is in
     * @param reason half a sentence; empty for a vote that is asked or given
     */
    record Vote(Ballot ballot, String candidate, String voter, boolean preVote, long term, Optional<String> reason)
            implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.vote(this);
        }
    }

    /** What has become of a vote. */
    enum Ballot {
        ASKED,
        GIVEN,
        REFUSED,
        /** The candidate has got no answer. */
        UNANSWERED;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param index of the entry since which they are the members; their HTTP addresses are not told */
    record NewMembers(long index, List<Member> members) implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.members(this);
        }
    }

    /**
     * The node has a newer snapshot.
     *
     * @param installed whether it came from the leader; else the node has taken it
     */
    record NewSnapshot(boolean installed, long index) implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.snapshot(this);
        }
    }

    /** The node knows that all entries up to this one are committed. */
    record Commit(long index) implements Happening {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.commit(this);
        }
    }
}
