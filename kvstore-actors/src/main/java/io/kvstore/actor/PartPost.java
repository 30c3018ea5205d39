package io.kvstore.actor;

/** The road between the parts of a key, wherever they live. What it takes may be lost or repeated, and may not wait. */
public interface PartPost {
    void tell(Part to, PartMail mail);
}
