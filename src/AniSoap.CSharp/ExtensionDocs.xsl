<?xml version="1.0" encoding="utf-8"?>
<!-- The compiler leaves it to readers of its documentation to follow what is inherited (of extension members, from a member with a name that nobody can write); makers
     of references do not. Here it stands at the member itself: all that it does not say on its own, of a member of this file or of the library's. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" indent="yes" />
  <xsl:param name="library" />
  <xsl:key name="members" match="member" use="@name" />
  <xsl:template match="@*|node()">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()" />
    </xsl:copy>
  </xsl:template>
  <xsl:template match="inheritdoc[@cref]">
    <xsl:variable name="cref" select="@cref" />
    <xsl:variable name="own" select="../*" />
    <xsl:variable name="here" select="key('members', $cref)" />
    <xsl:apply-templates
      select="$here/*[not(name() = 'summary' and $own[name() = 'summary'])]
        [not(name() = 'returns' and $own[name() = 'returns'])]
        [not(name() = 'param' and $own[name() = 'param'])]"
    />
    <xsl:if test="not($here)">
      <xsl:for-each select="document($library)">
        <xsl:copy-of select="key('members', $cref)/node()" />
      </xsl:for-each>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
