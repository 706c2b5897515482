package dev.raftkv.raft.ratis;

import java.util.Collection;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DataStreamMap;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.DivisionProperties;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RetryCache;
import org.apache.ratis.server.metrics.RaftServerMetrics;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachine;
import org.apache.ratis.util.LifeCycle;

/**
 * A division as one appender of its leader sees it. Ratis' appenders lock the division to tell it of a higher term, while a
 * leader that steps down holds that lock until its appenders have ended, or for five seconds. So each appender gets an object
 * of its own to lock, and the term that it appends in, which is the leader's as long as it leads.
 */
final class LeadingDivision implements RaftServer.Division {
    private final RaftServer.Division division;
    private final Info info;

    /** To be made while the division leads. */
    LeadingDivision(RaftServer.Division division) {
        this.division = division;
        this.info = new Info(division.getInfo(), division.getInfo().getCurrentTerm());
    }

    @Override
    public DivisionProperties properties() {
        return division.properties();
    }

    @Override
    public RaftGroupMemberId getMemberId() {
        return division.getMemberId();
    }

    @Override
    public DivisionInfo getInfo() {
        return info;
    }

    @Override
    public RaftConfiguration getRaftConf() {
        return division.getRaftConf();
    }

    @Override
    public RaftServer getRaftServer() {
        return division.getRaftServer();
    }

    @Override
    public RaftServerMetrics getRaftServerMetrics() {
        return division.getRaftServerMetrics();
    }

    @Override
    public StateMachine getStateMachine() {
        return division.getStateMachine();
    }

    @Override
    public RaftLog getRaftLog() {
        return division.getRaftLog();
    }

    @Override
    public RaftStorage getRaftStorage() {
        return division.getRaftStorage();
    }

    @Override
    public Collection<CommitInfoProto> getCommitInfos() {
        return division.getCommitInfos();
    }

    @Override
    public RetryCache getRetryCache() {
        return division.getRetryCache();
    }

    @Override
    public DataStreamMap getDataStreamMap() {
        return division.getDataStreamMap();
    }

    @Override
    public ThreadGroup getThreadGroup() {
        return division.getThreadGroup();
    }

    @Override
    public void close() {
        division.close();
    }

    /** @param term what Ratis itself would read again for each chunk of a snapshot, when it may be a later leader's */
    private record Info(DivisionInfo info, long term) implements DivisionInfo {
        /** Whoever has come to a later term appends no more, even before its role says so. */
        @Override
        public RaftPeerRole getCurrentRole() {
            RaftPeerRole role = info.getCurrentRole();
            return role == RaftPeerRole.LEADER && info.getCurrentTerm() != term ? RaftPeerRole.FOLLOWER : role;
        }

        @Override
        public boolean isLeaderReady() {
            return info.isLeaderReady();
        }

        @Override
        public RaftPeerId getLeaderId() {
            return info.getLeaderId();
        }

        @Override
        public LifeCycle.State getLifeCycleState() {
            return info.getLifeCycleState();
        }

        @Override
        public RoleInfoProto getRoleInfoProto() {
            return info.getRoleInfoProto();
        }

        @Override
        public long getCurrentTerm() {
            return term;
        }

        @Override
        public long getLastAppliedIndex() {
            return info.getLastAppliedIndex();
        }

        @Override
        public long[] getFollowerNextIndices() {
            return info.getFollowerNextIndices();
        }

        @Override
        public long[] getFollowerMatchIndices() {
            return info.getFollowerMatchIndices();
        }
    }
}
