package dev.millrace.server.filter;

import java.util.List;

/**
 * The collation that an expression has, and how it came by it: what a caller wrote wins over what a
 * column brings, and that over the default.
 *
 * @param oid of the collation; 0 if the type has none
 * @see <a href="https://www.postgresql.org/docs/current/collation.html">Collation support</a>
 */
record DerivedCollation(int oid, Strength strength) {

  enum Strength {
    NONE,
    IMPLICIT,
    /** Two columns disagree; what needs a collation is an error. */
    CONFLICT,
    EXPLICIT
  }

  /** The OID of the database's own collation. */
  static final int DEFAULT_OID = 100;

  static final DerivedCollation NONE = new DerivedCollation(0, Strength.NONE);

  /** Of values of type name. */
  static final DerivedCollation C = new DerivedCollation(950, Strength.IMPLICIT);

  static final DerivedCollation DEFAULT = new DerivedCollation(DEFAULT_OID, Strength.IMPLICIT);

  /** What an operation on these has. */
  static DerivedCollation of(List<DerivedCollation> parts) {
    DerivedCollation result = NONE;
    for (DerivedCollation part : parts) {
      result = result.with(part);
    }
    return result;
  }

  private DerivedCollation with(DerivedCollation other) {
    if (other.strength != strength) {
      return other.strength.compareTo(strength) > 0 ? other : this;
    }
    if (other.oid == oid || strength != Strength.IMPLICIT || other.oid == DEFAULT_OID) {
      return this;
    }
    return oid == DEFAULT_OID ? other : new DerivedCollation(0, Strength.CONFLICT);
  }
}
