package io.kvstore.cluster.sharding;

import io.kvstore.Reason;
import io.kvstore.actor.PartMail;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;

/**
 * The bytes of a {@link PartMail}: a byte for its kind, generation and version, then its own fields; big endian, a reason as
 * its name.
 */
final class PartMailCodec {
    private static final int TAKEN = 1;
    private static final int WANTED = 2;
    private static final int COMBINED = 3;
    private static final int FAILED = 4;
    private static final int LONGEST_MESSAGE = 4000;

    private PartMailCodec() {}

    static void write(DataOutputStream out, PartMail mail) throws IOException {
        out.writeByte(kind(mail));
        out.writeLong(mail.generation());
        out.writeLong(mail.version());
        if (mail instanceof PartMail.SumsTaken taken) {
            out.writeInt(taken.slice());
            writeSums(out, taken.sums());
        } else if (mail instanceof PartMail.SumsCombined combined) {
            writeSums(out, combined.sums());
        } else if (mail instanceof PartMail.SumsFailed failed) {
            out.writeUTF(failed.reason().name());
            String message = failed.message();
            out.writeUTF(message.substring(0, Math.min(message.length(), LONGEST_MESSAGE)));
        }
    }

    private static int kind(PartMail mail) {
        if (mail instanceof PartMail.SumsTaken) {
            return TAKEN;
        }
        if (mail instanceof PartMail.SumsWanted) {
            return WANTED;
        }
        return mail instanceof PartMail.SumsCombined ? COMBINED : FAILED;
    }

    private static void writeSums(DataOutputStream out, double[] sums) throws IOException {
        out.writeInt(sums.length);
        for (double sum : sums) {
            out.writeDouble(sum);
        }
    }

    static PartMail read(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        long generation = in.readLong();
        long version = in.readLong();
        return switch (kind) {
            case TAKEN -> new PartMail.SumsTaken(in.readInt(), generation, version, readSums(in));
            case WANTED -> new PartMail.SumsWanted(generation, version);
            case COMBINED -> new PartMail.SumsCombined(generation, version, readSums(in));
            case FAILED -> new PartMail.SumsFailed(generation, version, Reason.valueOf(in.readUTF()), in.readUTF());
            default -> throw new NotSerializableException("unknown mail of kind " + kind + " from a part");
        };
    }

    private static double[] readSums(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > in.available() / Double.BYTES) {
            throw new NotSerializableException(count + " sums in " + in.available() + " bytes");
        }
        double[] sums = new double[count];
        for (int i = 0; i < count; i++) {
            sums[i] = in.readDouble();
        }
        return sums;
    }
}
