export const en = {
  runs: "Runs", runsRun: "Run", runsNone: "No run saw a parcel within your reach.", runsMade: "Made", runsOfSites: "Energy sites", runsSeason: "Season", runsParcels: "Parcels", runsStates: "States", runsFailures: "Failures", runsFiles: "Files", runsHere: "here", runsGone: "not here", runsPolicy: "Policy", runsModel: "Model", runsScenes: "Scenes",
  runsBack: "All runs", runsCode: "Program", runsInputs: "Inputs", runsScene: "Scene", runsBaseline: "Processing baseline", runsNotStated: "not stated", runsHash: "Hash", runsName: "Name", runsNoScenes: "The record names no scene.", runsNoInputs: "The record names no input.",
  runsFailed: "What failed", runsNoFailures: "Nothing failed.", runsSubject: "What", runsCodeOf: "Code", runsSaid: "What happened", runsRemedy: "The runbook says under its code what to do; the same command then tries it again and keeps what is done.",
  runsOutputs: "Files of the run", runsNoOutputs: "The record names no file.", runsBytes: "Bytes", runsParameters: "What was asked", runsValue: "Value",
  runsWatches: "Watches", runsNoWatches: "No watch looked at these parcels.", runsAsOf: "As of", runsRules: "Rules", runsCounts: "Alerts of these parcels that changed", runsNoChange: "none", runsSimulated: "Simulated",
  runsLayers: "On the map", runsDates: "{count} clear dates, the newest {newest}.", runsNoDates: "No clear dates yet.", runsSeasonFast: "The season's picture is ready for the map.", runsSeasonSlow: "The season's picture is not made for the map yet: it shows slowly.",
  runsMakeLayers: "Make pictures for the map", runsLayersJob: "Pictures for the map", runsLayersNoFiles: "The run's files are not here, so nothing can be made of them.",
} as const;

export const zh: Record<keyof typeof en, string> = {
  runs: "运行", runsRun: "运行", runsNone: "没有运行观测过您范围内的地块。", runsMade: "完成时间", runsOfSites: "能源项目", runsSeason: "季节", runsParcels: "地块", runsStates: "状态", runsFailures: "失败", runsFiles: "文件", runsHere: "在此", runsGone: "不在此", runsPolicy: "政策", runsModel: "模型", runsScenes: "影像",
  runsBack: "全部运行", runsCode: "程序版本", runsInputs: "输入", runsScene: "影像", runsBaseline: "处理基线", runsNotStated: "未说明", runsHash: "哈希", runsName: "名称", runsNoScenes: "记录未列出影像。", runsNoInputs: "记录未列出输入。",
  runsFailed: "失败项", runsNoFailures: "没有失败。", runsSubject: "对象", runsCodeOf: "代码", runsSaid: "发生了什么", runsRemedy: "处理办法见运行手册中该代码；再次执行同一命令会重试，并保留已完成部分。",
  runsOutputs: "运行文件", runsNoOutputs: "记录未列出文件。", runsBytes: "字节", runsParameters: "请求参数", runsValue: "值",
  runsWatches: "监测", runsNoWatches: "没有监测涉及这些地块。", runsAsOf: "截至", runsRules: "规则", runsCounts: "这些地块的预警变化", runsNoChange: "无", runsSimulated: "模拟",
  runsLayers: "地图影像", runsDates: "{count}个晴朗日期，最新为{newest}。", runsNoDates: "尚无晴朗日期的影像。", runsSeasonFast: "季节影像已制成地图图层。", runsSeasonSlow: "季节影像尚未制成地图图层，显示较慢。",
  runsMakeLayers: "生成地图影像", runsLayersJob: "地图影像", runsLayersNoFiles: "运行文件不在此，无法生成影像。",
};
