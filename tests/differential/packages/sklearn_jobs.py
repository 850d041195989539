# needs: sklearn
"""scikit-learn: one model of each family, fitted and asked."""
import numpy as np
from sklearn import cluster, datasets, decomposition, ensemble, feature_extraction, linear_model, manifold, metrics
from sklearn import model_selection, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree

x, y = datasets.load_iris(return_X_y=True)
models = [linear_model.LogisticRegression(max_iter=500), svm.SVC(), svm.LinearSVC(random_state=0, max_iter=20000), tree.DecisionTreeClassifier(random_state=0),
          ensemble.RandomForestClassifier(20, random_state=0), ensemble.GradientBoostingClassifier(n_estimators=10, random_state=0),
          ensemble.HistGradientBoostingClassifier(max_iter=10, random_state=0), neighbors.KNeighborsClassifier(), naive_bayes.GaussianNB(),
          linear_model.SGDClassifier(random_state=0), neural_network.MLPClassifier((8,), random_state=0, max_iter=60)]
import warnings
warnings.simplefilter("ignore")
for model in models:
    scaled = pipeline.make_pipeline(preprocessing.StandardScaler(), model)
    print(type(model).__name__, model_selection.cross_val_score(scaled, x, y, cv=3).round(4))
print(round(cluster.KMeans(3, n_init=3, random_state=0).fit(x).inertia_, 4), np.bincount(cluster.AgglomerativeClustering(3).fit_predict(x)),
      set(cluster.DBSCAN().fit_predict(x).tolist()))
print(np.abs(decomposition.PCA(2).fit(x).components_).round(4), manifold.Isomap(n_components=1).fit(x).reconstruction_error().round(3))
print(metrics.confusion_matrix(y, naive_bayes.GaussianNB().fit(x, y).predict(x)).tolist())
words = feature_extraction.text.TfidfVectorizer().fit(["the cat sat", "the dog", "a cat and a dog"])
print(sorted(words.vocabulary_), words.transform(["cat dog"]).toarray().round(4))
print(tree.export_text(tree.DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, y)))
print(linear_model.Lasso(0.1).fit(x, y).coef_.round(5), ensemble.IsolationForest(n_estimators=10, random_state=0).fit_predict(x).sum())
try:
    svm.SVC().predict(x)
except Exception as error:
    print(type(error).__name__, error)
