<?xml version="1.0" encoding="utf-8"?>
<!-- The compiler says of an extension member that its documentation is that of a member with a name that nobody can write; makers of references do not follow
     that. Here it stands at the member itself. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" indent="yes" />
  <xsl:key name="members" match="member" use="@name" />
  <xsl:template match="@*|node()">
    <xsl:copy>
      <xsl:apply-templates select="@*|node()" />
    </xsl:copy>
  </xsl:template>
  <xsl:template match="inheritdoc[contains(@cref, '&lt;G&gt;$')]">
    <xsl:copy-of select="key('members', @cref)/node()" />
  </xsl:template>
</xsl:stylesheet>
