export const en = {
  people: "People", peopleUnits: "Units", peopleNone: "Nobody.", peopleLogin: "Login", peopleName: "Name", peopleRole: "Role", peopleUnit: "Unit", peopleActive: "Works here", peopleSeen: "Last seen", peopleNever: "never", peopleSessions: "Sign-ins", peopleCode: "Code", peopleAbove: "Below",
  peopleHow: "People and units are kept from the command line in this version: acreline people. Only keys can be ended on this page.", peopleTop: "none",
  peopleKind: "Kind", peopleKind_head_office: "head office", peopleKind_region: "region", peopleKind_branch: "branch", peopleKind_outlet: "outlet",
  keys: "Keys of other systems", keysNone: "No other system has a key.", keysLabel: "System", keysScopes: "May ask for", keysEnds: "Ends", keysUsed: "Last used", keysNow: "Now", keysGood: "good", keysOver: "over", keysRevoked: "revoked by {who}", keysRevoke: "Revoke", keysRevokeOf: "Revoke the key of {label}", keysSure: "Revoke for good?", keysDone: "The key of {label} is revoked.", keysHow: "acreline keys make makes a key and shows it once.", keysAct: "End it",
  audit: "Who looked", auditViews: "Looks at people's data", auditNoViews: "Nobody looked.", auditWhen: "When", auditWho: "Who", auditWhom: "Whose data", auditWhat: "What", auditWhy: "Where", auditExports: "Lists taken out", auditNoExports: "Nothing was taken out.", auditRows: "Rows", auditAsked: "As asked",
} as const;

export const zh: Record<keyof typeof en, string> = {
  people: "人员", peopleUnits: "机构", peopleNone: "无人。", peopleLogin: "登录名", peopleName: "姓名", peopleRole: "角色", peopleUnit: "机构", peopleActive: "在职", peopleSeen: "最近在线", peopleNever: "从未", peopleSessions: "登录次数", peopleCode: "代码", peopleAbove: "隶属",
  peopleHow: "本版本中人员与机构由命令行 acreline people 维护，此页只能撤销密钥。", peopleTop: "无",
  peopleKind: "类型", peopleKind_head_office: "总行", peopleKind_region: "分行", peopleKind_branch: "支行", peopleKind_outlet: "网点",
  keys: "其他系统的密钥", keysNone: "没有其他系统持有密钥。", keysLabel: "系统", keysScopes: "权限", keysEnds: "到期", keysUsed: "最近使用", keysNow: "状态", keysGood: "有效", keysOver: "已到期", keysRevoked: "已由 {who} 撤销", keysRevoke: "撤销", keysRevokeOf: "撤销 {label} 的密钥", keysSure: "确定永久撤销？", keysDone: "{label} 的密钥已撤销。", keysHow: "acreline keys make 生成密钥，且只显示一次。", keysAct: "停用",
  audit: "查阅记录", auditViews: "对个人数据的查阅", auditNoViews: "无人查阅。", auditWhen: "时间", auditWho: "查阅人", auditWhom: "谁的数据", auditWhat: "内容", auditWhy: "途径", auditExports: "导出的列表", auditNoExports: "没有导出。", auditRows: "行数", auditAsked: "请求",
};
